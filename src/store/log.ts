/** What the store says about itself while it works; pino's own shape, so that its loggers fit as they are. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
