const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as text in base64, padded. */
export function base64(bytes: Uint8Array): string {
  const letters: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const written = Math.min(4, bytes.length - at + 1);
    for (let k = 0; k < 4; k++) letters.push(k < written ? alphabet[(word >> (18 - 6 * k)) & 63]! : "=");
  }
  return letters.join("");
}
