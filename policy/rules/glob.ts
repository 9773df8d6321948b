/** Globs over names: `*` stands for any run of characters, everything else for itself. */

/**
 * Whether a name fits a glob. Greedy with one point to go back to, so its cost is at most name × glob and never exponential;
 * no regular expression is built from what a user wrote.
 */
export const fitsGlob = (glob: string, name: string): boolean => {
  let inGlob = 0;
  let inName = 0;
  let star = -1;
  let starName = 0;
  while (inName < name.length) {
    if (glob[inGlob] === "*") {
      star = inGlob++;
      starName = inName;
    } else if (inGlob < glob.length && glob[inGlob] === name[inName]) {
      inGlob++;
      inName++;
    } else if (star >= 0) {
      inGlob = star + 1;
      inName = ++starName;
    } else return false;
  }
  while (glob[inGlob] === "*") inGlob++;
  return inGlob === glob.length;
};

/** A test for names against several globs; exact names are looked up. */
export const compileGlobs = (globs: readonly string[]): ((name: string) => boolean) => {
  const exact = new Set(globs.filter((glob) => !glob.includes("*")));
  const open = globs.filter((glob) => glob.includes("*"));
  return (name) => exact.has(name) || open.some((glob) => fitsGlob(glob, name));
};
