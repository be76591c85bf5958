/** Events the desk socket may send: ids and numbers only. Mirrors the Python definitions. */
export type DeskEvent =
  | { type: "message.added"; ticket: string; seq: number; public_seq: number | null }
  | { type: "message.changed"; ticket: string; seq: number }
  | { type: "ticket.created"; ticket: string }
  | { type: "ticket.changed"; ticket: string; version: number; fields: string[] }
  | { type: "counts.changed" }
  | { type: "viewers.changed"; ticket: string }
  | { type: "session.revoked" };
