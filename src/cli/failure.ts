/** How a command ends when it does not end well: 1 for what failed, 2 for what was asked wrongly (ARCHITECTURE.md 1.1). */

export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Ends a command. The message is for people, holds no secret, and goes to stderr as it is. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command that was called wrongly. */
export const wrongUsage = (message: string): CommandFailed => new CommandFailed(message, exitCodes.usage);

/** A configuration that cannot be used: its problems are printed as a compiler prints them, each on a line that begins with its place. */
export class ConfigurationRefused extends CommandFailed {}
