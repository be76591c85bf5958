/** Why a door did not do what was asked. */
export const CONFLICT = 409;
const RETRY_ANYWAY = new Set([0, 408, 429]);

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly waitS: number,
    /** What is wrong with each answer of a form. */
    readonly problems: Record<string, string> = {},
  ) {
    super(`${status} ${detail}`);
  }

  /** Whether the same again would be refused again. */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 401 && !RETRY_ANYWAY.has(this.status);
  }
}

export async function refusalOf(response: Response): Promise<Refusal> {
  const waitS = Number(response.headers.get("Retry-After")) || 0;
  try {
    const { detail, problems } = (await response.json()) as { detail?: unknown; problems?: Record<string, string> };
    return new Refusal(response.status, typeof detail === "string" ? detail : "", waitS, problems);
  } catch {
    return new Refusal(response.status, "", waitS);
  }
}
