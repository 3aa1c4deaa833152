/** Plain names of events, and the kinds of rows that are such an event. In lower case. */
const names: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    access: ['signIn'],
    'sign-in': ['signIn'],
    'sign-ins': ['signIn'],
    signed: ['signIn'],
    signing: ['signIn'],
    session: ['signIn', 'sessions'],
    sessions: ['signIn', 'sessions'],
    detection: ['detection'],
    detections: ['detection'],
    detected: ['detection'],
    alert: ['detection'],
    anomaly: ['detection'],
    anomalies: ['detection'],
    reset: ['change'],
    change: ['change', 'password'],
    changes: ['change'],
    changed: ['change', 'password'],
    registered: ['change', 'device'],
    registration: ['change', 'device'],
    deleted: ['change'],
    deletion: ['change'],
  }),
);

/** @returns undefined where it names no event */
export const rowsNamed = (word: string): readonly string[] | undefined => names.get(word.toLowerCase());
