/** The front door of development: all that the rest of the house needs to know of it. */

export { isDevelopmentFolder } from "./folder.ts";
