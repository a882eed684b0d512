// Every package that ends up in the binary may be redistributed under Apache-2.0, by the list in licences.json.
import { table } from "./lib/world.mjs";

export function check(world, { allowed, exceptions } = table(world.root, "licences.json")) {
  const faults = [];
  const used = new Set(world.used.map((one) => one.name));
  for (const { name, version, license } of world.used) {
    if (exceptions[name]) continue;
    if (!license) faults.push(`${name} ${version}: states no licence`);
    else if (!isAllowed(license, new Set(allowed))) faults.push(`${name} ${version}: ${license} is not on the list`);
  }
  for (const name of Object.keys(exceptions)) {
    if (!used.has(name)) faults.push(`licences.json: ${name} is excepted but not used`);
  }
  return faults;
}

/** Whether an SPDX expression can be met with allowed licences: one side of OR, both sides of AND. */
export function isAllowed(expression, allowed) {
  const words = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const either = () => {
    let holds = both();
    while (words[at] === "OR") {
      at++;
      holds = both() || holds;
    }
    return holds;
  };
  const both = () => {
    let holds = one();
    while (words[at] === "AND") {
      at++;
      holds = one() && holds;
    }
    return holds;
  };
  const one = () => {
    if (words[at] === "(") {
      at++;
      const holds = either();
      at++; // the closing parenthesis
      return holds;
    }
    let name = words[at++] ?? "";
    if (words[at] === "WITH") {
      name = `${name} WITH ${words[at + 1]}`;
      at += 2;
    }
    return allowed.has(name);
  };
  return either() && at === words.length;
}
