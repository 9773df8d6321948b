/** Globs over names: `*` stands for any run of characters, everything else for itself. */

type Test = (name: string) => boolean;

/**
 * Compiles a glob to a test. What stands between stars is looked for from left to right and never looked for again, so that the cost grows with the
 * name and not with how the glob could be read; no regular expression is built from what a user wrote.
 */
const compileGlob = (glob: string): Test => {
  const [head = "", ...rest] = glob.split("*");
  const tail = rest.pop() ?? "";
  const middles = rest.filter((part) => part !== "");
  return (name) => {
    const end = name.length - tail.length;
    if (end < head.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    let at = head.length;
    for (const part of middles) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
};

/** A test for names against several globs; exact names are looked up. */
export const compileGlobs = (globs: readonly string[]): Test => {
  const exact = new Set(globs.filter((glob) => !glob.includes("*")));
  const open = globs.filter((glob) => glob.includes("*")).map(compileGlob);
  return (name) => exact.has(name) || open.some((fits) => fits(name));
};
