/** Events and frames of the desk socket: ids and numbers only. Written by tools/event_types.py; do not edit. */
export type DeskEvent =
  | { type: "message.added"; ticket: string; seq: number; public_seq: number | null }
  | { type: "message.changed"; ticket: string; seq: number }
  | { type: "ticket.created"; ticket: string }
  | { type: "ticket.changed"; ticket: string; version: number; fields: string[] }
  | { type: "counts.changed" }
  | { type: "session.revoked" }
  | { type: "subscription.refused"; ticket: string }
  | { type: "pong" };
export type DeskFrame =
  | { type: "subscribe"; ticket?: string | null; since?: number; view?: string | null }
  | { type: "unsubscribe"; ticket?: string | null; view?: string | null }
  | { type: "ping" };
