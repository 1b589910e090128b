/** What the Teams edge needs of a logger: a constant message, data beside it (pino's shape). */
export interface TeamsLog {
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}
