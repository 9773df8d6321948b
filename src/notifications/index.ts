/** The front door of notifications. */

export { Notifier } from "./notifier.ts";
export type { NotificationEvent, TargetSettings } from "./settings.ts";
