/** FNV-1a, 64 bits, over the UTF-16 code units of a text, low byte first; 16 hexadecimal digits. */
export function fnv1a64(text: string): string {
  // the prime is 2^40 + 435
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const take = (byte: number) => {
    low = (low ^ byte) >>> 0;
    const product = low * 435;
    high = (high * 435 + Math.floor(product / 2 ** 32) + low * 2 ** 8) % 2 ** 32;
    low = product % 2 ** 32;
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    take(unit & 255);
    take(unit >> 8);
  }
  return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("");
}
