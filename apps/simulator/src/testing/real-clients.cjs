// Runs in a process of its own, because NODE_EXTRA_CA_CERTS is read at start only.
// Prints what @azure/identity and the Graph SDK make of the simulator, as JSON.
const { ClientSecretCredential } = require('@azure/identity');
const { Client } = require('@microsoft/microsoft-graph-client');
const {
  TokenCredentialAuthenticationProvider,
} = require('@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials');

async function main() {
  const { origin, tenantId, appId, secret, userId } = JSON.parse(process.argv[2]);
  const credential = new ClientSecretCredential(tenantId, appId, secret, {
    authorityHost: origin,
    disableInstanceDiscovery: true,
  });
  const customHosts = new Set([new URL(origin).hostname]);
  const authProvider = new TokenCredentialAuthenticationProvider(credential, {
    scopes: [`${origin}/.default`],
  });
  const client = Client.initWithMiddleware({ authProvider, baseUrl: `${origin}/`, customHosts });
  const user = await client.api(`/users/${userId}`).select(['id', 'accountEnabled']).get();
  const missing = await client
    .api(`/users/${userId}/manager`)
    .get()
    .catch(({ statusCode, code, requestId }) => ({ statusCode, code, requestId }));
  console.log(JSON.stringify({ user, missing }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
