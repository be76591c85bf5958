/** The doors for a visitor's files: announced, sent in pieces, taken away, and saved. */
import { Doors } from "./doors";
import { CONFLICT, Refusal } from "./refusal";

/** How much of a file the server has, and how much it takes at once. */
export interface Begun {
  received: number;
  part: number;
}

export class FileDoors extends Doors {
  async announce(id: string, name: string, size: number): Promise<Begun> {
    return (await this.post("files/", { client_id: id, name, size })).json() as Promise<Begun>;
  }

  /** Send a piece; returns how much is there, also when it is another piece than we thought. */
  async part(id: string, start: number, piece: Blob): Promise<number> {
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await this.ask(`files/${id}/?start=${start}`, { method: "POST", body: piece, headers }, [CONFLICT]);
    const { received } = (await response.json()) as { received?: number };
    // What is gone, or taken, begins anew.
    if (received === undefined) throw new Refusal(0, "", 1);
    return received;
  }

  async removeFile(id: string): Promise<void> {
    await this.post(`files/${id}/remove/`, {});
  }

  /** Where to save a file of the conversation, for a minute. */
  async link(id: string): Promise<string> {
    return ((await (await this.ask(`attachments/${id}/`, {})).json()) as { url: string }).url;
  }
}
