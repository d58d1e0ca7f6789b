// A real OpenID Connect provider on loopback, for tests. It signs in whoever the browser names in a cookie, without
// asking, and can be told to misbehave: POST /faults {"nonce": true, "keys": true}.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [, , port, redirect] = process.argv;
const issuer = `http://127.0.0.1:${port}`;
let faults = {};

const PEOPLE = {
  ada: { preferred_username: "ada", realm_access: { roles: ["teaching", "staff"] }, org: "uni", person: "t-ada" },
  root: { preferred_username: "root", realm_access: { roles: ["teaching", "it"] } },
  nobody: { preferred_username: "nobody", realm_access: { roles: ["guests"] } },
};

function makeKey(kid) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return [privateKey, publicKey].map((key) => ({ ...key.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" }));
}

const [own] = makeKey("own");
const [, strange] = makeKey("strange");

const provider = new Provider(issuer, {
  clients: [{ client_id: "coursepulse", client_secret: "a secret between two", redirect_uris: [redirect] }],
  jwks: { keys: [own] },
  cookies: { keys: ["a key for the tests"] },
  claims: { openid: ["sub"], profile: ["preferred_username", "realm_access", "org", "person"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/enter/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: "coursepulse" });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

async function readBody(request) {
  let text = "";
  for await (const piece of request) text += piece;
  return text;
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/faults") {
    faults = JSON.parse(await readBody(ctx.req));
    ctx.body = {};
    return;
  }
  if (ctx.path.startsWith("/enter/")) {
    const login = { accountId: ctx.cookies.get("who") };
    await provider.interactionFinished(ctx.req, ctx.res, { login });
    ctx.respond = false;
    return;
  }
  if (faults.nonce && ctx.path === "/auth") ctx.query = { ...ctx.query, nonce: "of somebody else" };
  await next();
  if (faults.keys && ctx.path === "/jwks") ctx.body = { keys: [strange] };
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
