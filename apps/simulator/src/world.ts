import { type Client } from './clients';
import { type Clock } from './clock';
import { type SimulatorConfig } from './config';
import { Conversations } from './conversations';
import { Faults } from './faults';
import { ExchangeLog } from './graph/exchange-log';
import { type SigningKeys } from './keys';
import { State } from './state';
import { WriteLog } from './writes';

/** Everything the surfaces share. One simulator has one world. */
export interface World {
  config: SimulatorConfig;
  clock: Clock;
  keys: SigningKeys;
  clients: Map<string, Client>;
  state: State;
  faults: Faults;
  /** Access tokens that Graph takes no longer. */
  revokedTokens: Set<string>;
  writes: WriteLog;
  /** Calls to Graph and their answers. */
  exchanges: ExchangeLog;
  conversations: Conversations;
  /** Where clicks go; the admin API may set it after boot. */
  botEndpoint: string | null;
}

export function makeWorld(
  config: SimulatorConfig,
  clock: Clock,
  keys: SigningKeys,
  clients: Map<string, Client>,
): World {
  return {
    config,
    clock,
    keys,
    clients,
    state: new State(),
    faults: new Faults(),
    revokedTokens: new Set(),
    writes: new WriteLog(),
    exchanges: new ExchangeLog(),
    conversations: new Conversations(),
    botEndpoint: config.SIMULATOR_BOT_ENDPOINT ?? null,
  };
}
