/** Why a door did not do what was asked. */
const RETRY_ANYWAY = new Set([0, 408, 429]);

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly waitS: number,
  ) {
    super(`${status} ${detail}`);
  }

  /** Whether the same again would be refused again. */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 401 && !RETRY_ANYWAY.has(this.status);
  }
}

export async function refusalOf(response: Response): Promise<Refusal> {
  return new Refusal(response.status, await detailOf(response), Number(response.headers.get("Retry-After")) || 0);
}

async function detailOf(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : "";
  } catch {
    return "";
  }
}
