/** Joins who sits there and the trust panel to the rest of the frame. */
import type { Api } from "./api";
import type { Host } from "./host";
import { Identity } from "./identity";
import type { Messenger } from "./messenger";
import type { Store } from "./storage";
import { Trust } from "./trust";

export interface TrustParts {
  api: Api;
  store: Store;
  messenger: Messenger;
  host: () => Host;
  isOpen: () => boolean;
  begin: () => void;
}

export function startTrust({ api, store, messenger, host, isOpen, begin }: TrustParts): { identity: Identity; trust: Trust } {
  const identity: Identity = new Identity({
    ...{ api, store },
    ask: (nonce) => host().who(nonce),
    onSettled: (isOther) => {
      if (isOther) messenger.become(api.token !== "");
      begin();
      void trust.look();
    },
  });
  const trust = new Trust({
    api,
    place: document.querySelector("[data-trust-panel]") as HTMLElement,
    button: document.querySelector("[data-trust-button]") as HTMLElement,
    canLook: () => api.token !== "" && identity.isSettled && isOpen() && !document.hidden,
  });
  return { identity, trust };
}
