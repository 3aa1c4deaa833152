import { type AuthorizationAnswer, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { type Action } from '@sallyport/evidence';
import { type Facts } from './fact-docs';
import { type Pack } from './pack';

/**
 * Cedar's own authorizer on the rules as they are written: one question per action, validated against the schema. Too
 * slow for every case; it is what the faster ways are held to.
 */
export function authorized(action: Action, facts: Facts, pack: Pack): AuthorizationAnswer {
  return statefulIsAuthorized({
    principal: { type: 'Sallyport::Automation', id: 'sallyport' },
    action: { type: 'Sallyport::Action', id: action },
    resource: { type: 'Sallyport::Case', id: 'case' },
    context: { facts },
    preparsedSchemaName: pack.schemaName,
    preparsedPolicySetId: pack.policySetId,
    validateRequest: true,
    entities: [],
  });
}
