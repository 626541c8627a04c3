// Passkeys: what the server offers goes to the browser, and what the browser proves to the server.
"use strict";

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

const encode = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function post(path, fields) {
  const headers = {};
  if (document.body.dataset.csrf) headers["X-CSRF-Token"] = document.body.dataset.csrf;
  const body = new URLSearchParams(fields);
  const answer = await fetch(path, { method: "POST", body, headers });
  return { ok: answer.ok, status: answer.status, said: await answer.json() };
}

const described = (keys) => (keys || []).map((key) => ({ ...key, id: decode(key.id) }));

async function make(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const { id, rawId, type, response } = await navigator.credentials.create({ publicKey });
  return {
    id, rawId: encode(rawId), type,
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      attestationObject: encode(response.attestationObject),
    },
  };
}

async function prove(options) {
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    allowCredentials: described(options.allowCredentials),
  };
  const { id, rawId, type, response } = await navigator.credentials.get({ publicKey });
  return {
    id, rawId: encode(rawId), type,
    response: {
      clientDataJSON: encode(response.clientDataJSON),
      authenticatorData: encode(response.authenticatorData),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : null,
    },
  };
}

function tell(text) {
  const fault = document.getElementById("fault");
  fault.textContent = text;
  fault.hidden = false;
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  part.hidden = false;
  part.querySelector("[data-go]").addEventListener("click", async () => {
    const { passkey, make: makes, next, wrong, tooMany } = part.dataset;
    try {
      const offer = await post(`${passkey}/options`, {});
      const credential = await (makes ? make(offer.said) : prove(offer.said));
      const label = part.querySelector("[name=label]")?.value || "";
      const fields = { credential: JSON.stringify(credential), label, next: next || "/" };
      const answer = await post(passkey, fields);
      if (answer.ok) window.location.assign(answer.said.next);
      else tell(answer.status === 429 ? tooMany : wrong);
    } catch {
      tell(wrong);
    }
  });
}
