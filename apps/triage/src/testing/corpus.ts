import { join } from 'node:path';

export const corpusFile = join(__dirname, '../../corpus/injections.yaml');
