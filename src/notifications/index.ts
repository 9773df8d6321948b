/** The front door of notifications. */

export { Notifier } from "./notifier.ts";
export { type EventType, eventTypes, type NotificationEvent, type TargetSettings } from "./settings.ts";
