/** Joins who sits there, the trust panel and that of the chat by mail to the rest of the frame. */
import { LATELY } from "../shared/emoji/open";
import type { Api } from "./api";
import type { Attachments } from "./attachments";
import { ByMail } from "./bymail";
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

export function startTrust({ api, store, messenger, pages, attachments, host, isOpen, begin }: TrustParts): { identity: Identity; trust: Trust; byMail: ByMail } {
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
      store.remove(LATELY);
      return attachments.forgetAll();
    },
    reload: () => location.reload(),
  });
  const canLook = (): boolean => identity.isSettled && isOpen() && !document.hidden;
  const trust: Trust = new Trust({
    api,
    place: document.querySelector("[data-trust-panel]") as HTMLElement,
    button: document.querySelector("[data-trust-button]") as HTMLElement,
    canLook,
    begin: () => messenger.begin(),
    onOpen: () => byMail.show(false),
  });
  const byMail = new ByMail({
    api,
    place: document.querySelector("[data-mail-panel]") as HTMLElement,
    button: document.querySelector("[data-mail-button]") as HTMLElement,
    canLook,
    onOpen: () => trust.show(false),
  });
  return { identity, trust, byMail };
}
