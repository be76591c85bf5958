/** Events and frames of both sockets: ids and numbers only. Written by tools/event_types.py; do not edit. */
export type DeskEvent =
  | { type: "message.added"; ticket: string; seq: number; public_seq: number | null }
  | { type: "message.changed"; ticket: string; seq: number }
  | { type: "ticket.changed"; ticket: string; version: number; fields: string[] }
  | { type: "rows.changed"; tickets: string[]; counts: boolean }
  | { type: "customer.typed"; ticket: string }
  | { type: "customer.saw"; ticket: string }
  | { type: "chat.offered"; offer: string }
  | { type: "chat.offer_ended"; offer: string }
  | { type: "console.changed" }
  | { type: "session.revoked" }
  | { type: "subscription.refused"; ticket: string }
  | { type: "pong" };
export type DeskFrame =
  | { type: "subscribe"; ticket?: string | null; since?: number; view?: string | null }
  | { type: "unsubscribe"; ticket?: string | null; view?: string | null }
  | { type: "ping" };
export type ChatEvent =
  | { type: "message.added"; public_seq: number }
  | { type: "message.changed"; public_seq: number }
  | { type: "stage.changed" }
  | { type: "hello.accepted" }
  | { type: "chat.changed" }
  | { type: "staff.saw" }
  | { type: "staff.typed" }
  | { type: "queue.moved"; position: number }
  | { type: "session.revoked" }
  | { type: "pong" };
export type ChatFrame =
  | { type: "hello"; inbox: string; origin: string; token: string }
  | { type: "typing"; text?: string }
  | { type: "ping" }
  | { type: "read"; id: number; chat: string; since: number }
  | { type: "say"; id: number; client_id: string; text: string };
