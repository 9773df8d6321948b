/** Globs over model names: `*` stands for any run of characters, everything else for itself. */

/** Compiles a glob to a test whose cost is at most linear in the name for each star; no regular expression is made of what a user wrote. */
export const compileGlob = (glob: string): ((name: string) => boolean) => {
  const [head = "", ...rest] = glob.split("*");
  const tail = rest.pop();
  if (tail === undefined) return (name) => name === head;
  return (name) => {
    if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
    const end = name.length - tail.length;
    let at = head.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
};
