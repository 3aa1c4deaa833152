import { type Evidence, untrusted } from '@sallyport/evidence';
import { evidence, known, sampleId, sampleInstant } from '@sallyport/evidence/testing';

/** A person with a detection abroad, two sign-ins, a change and a laptop: something of everything that can be cited. */
export function richEvidence(over: Partial<Evidence> = {}): Evidence {
  const signIn = {
    id: sampleId(201),
    at: sampleInstant(-40),
    interactive: true,
    errorCode: 0,
    conditionalAccess: 'success',
    mfa: 'passed',
    ip: '198.51.100.23',
    country: 'QA',
    deviceId: 'laptop',
    knownDevice: true,
    knownNetwork: false,
    deviceName: untrusted('SAM-LAPTOP'),
    app: untrusted('Outlook'),
    userAgent: untrusted('Mozilla/5.0 (X11; Linux)'),
    correlationId: null,
  } as const;
  return evidence({
    detections: known([
      {
        id: sampleId(200),
        kind: 'unlikelyTravel',
        markers: [],
        level: 'medium',
        state: 'atRisk',
        activityAt: sampleInstant(-40),
        detectedAt: sampleInstant(-39),
        requestId: null,
        correlationId: null,
        ip: '198.51.100.23',
        country: 'QA',
      },
    ]),
    signIns: known([
      signIn,
      {
        ...signIn,
        id: sampleId(202),
        at: sampleInstant(-1_500),
        ip: '203.0.113.10',
        country: 'ES',
        knownNetwork: true,
      },
    ]),
    changes: known([
      {
        id: sampleId(203),
        at: sampleInstant(-20),
        kind: 'selfServiceReset',
        activity: untrusted('Reset password (self-service)'),
        succeeded: true,
        by: 'subject',
        correlationId: null,
      },
    ]),
    devices: known([
      {
        id: sampleId(204),
        deviceId: 'laptop',
        name: untrusted('SAM-LAPTOP'),
        operatingSystem: 'Windows',
        trustType: 'AzureAd',
        compliant: true,
        managed: true,
        registeredAt: sampleInstant(-500_000),
      },
    ]),
    ...over,
  });
}
