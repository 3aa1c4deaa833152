export { ServiceNowError, type ServiceNowErrorKind } from './service-now-error';
export { createServiceNowClient, type ServiceNowClient, type ServiceNowOptions } from './service-now-client';
export { TicketIntake, type IntakeCreated, type IntakeTicket } from './ticket-intake';
export { TicketReader, type TicketChange, tooManyPages } from './ticket-reader';
export { TicketWriter, type TicketWrite, type TicketWritten } from './ticket-writer';
export { personColumnOf, type TicketView } from './ticket';
