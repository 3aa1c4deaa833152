// Takes the simulator's certificate as shown on the first connection, where no volume can be shared between pods.
// For rehearsals only: whoever answers first is believed.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { eventually } from './call.mjs';

const { hostname: host, port } = new URL(process.env['SIMULATOR_URL']);
const shown = () =>
  new Promise((resolve, reject) => {
    // The certificate is its own authority, so there is nothing yet to check it against.
    const socket = connect(
      { host, port, servername: host, rejectUnauthorized: false, timeout: 5_000 },
      () => {
        resolve(socket.getPeerX509Certificate()?.toString());
        socket.destroy();
      },
    );
    socket.on('timeout', () => socket.destroy(new Error('no answer')));
    socket.on('error', reject);
  });
writeFileSync(
  '/simulator-ca/ca.pem',
  await eventually('reading the simulator’s certificate', 120_000, shown),
);
