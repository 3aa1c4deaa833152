// Exit code 0 once the demo tenant is loaded, and so services may read the certificate and call.
import { call } from './call.mjs';

const origin = `https://localhost:${process.env['SIMULATOR_PORT']}`;
const { status } = await call(origin, 'GET', '/_sim/users/ines');
process.exit(status === 200 ? 0 : 1);
