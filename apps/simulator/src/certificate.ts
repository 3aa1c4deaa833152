import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  key: string;
  cert: string;
}

/**
 * A self-signed certificate, its own authority, made at each boot; the public half lands in `<folder>/ca.pem`.
 * TLS is not optional here: the Graph SDK and azure-identity refuse plain HTTP.
 */
export async function makeCertificate(folder: string, names: readonly string[]): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Sallyport simulator' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  await mkdir(folder, { recursive: true });
  // Renamed into place, so that a service that starts meanwhile never reads half a file.
  await writeFile(join(folder, 'ca.pem.part'), cert);
  await rename(join(folder, 'ca.pem.part'), join(folder, 'ca.pem'));
  return { key, cert };
}
