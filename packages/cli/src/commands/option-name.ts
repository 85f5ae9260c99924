/** The option of a server's setting: `logQuotaMib` is `--log-quota-mib`. */
export function optionName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
