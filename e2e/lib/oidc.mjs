// Another system to sign in by: npm's oidc-provider, in this process, on a free port.
import { createServer } from "node:http";
import { once } from "node:events";
import Provider from "oidc-provider";

export const CLIENT = { id: "huying", secret: "between-the-two-of-us" };

/** Starts it for a client that lives at `origin`. Whoever signs in there is called as they type. */
export async function startProvider(origin) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${origin}/api/v1/session/oidc/back`] }],
    cookies: { keys: ["only for this test"] },
  });
  server.on("request", provider.callback());
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { issuer, stop };
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
