/** Joins who sits there and the trust panel to the rest of the frame. */
import type { Api } from "./api";
import type { Attachments } from "./attachments";
import type { Host } from "./host";
import { Identity } from "./identity";
import type { Messenger } from "./messenger";
import type { Pages } from "./pages";
import type { Store } from "./storage";
import { Trust } from "./trust";

export interface TrustParts {
  api: Api;
  store: Store;
  messenger: Messenger;
  pages: Pages;
  attachments: Attachments;
  host: () => Host;
  isOpen: () => boolean;
  begin: () => void;
}

export function startTrust({ api, store, messenger, pages, attachments, host, isOpen, begin }: TrustParts): { identity: Identity; trust: Trust } {
  const identity: Identity = new Identity({
    ...{ api, store },
    ask: (nonce) => host().who(nonce),
    onSettled: () => {
      messenger.follow();
      begin();
      void trust.look();
    },
    onGone: () => {
      pages.forget();
      // What is in memory and on the page goes with the page.
      void attachments.forgetAll().finally(() => location.reload());
    },
  });
  const trust = new Trust({
    api,
    place: document.querySelector("[data-trust-panel]") as HTMLElement,
    button: document.querySelector("[data-trust-button]") as HTMLElement,
    canLook: () => identity.isSettled && isOpen() && !document.hidden,
    begin: () => messenger.begin(),
  });
  return { identity, trust };
}
