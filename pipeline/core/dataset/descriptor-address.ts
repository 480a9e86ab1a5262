/** Takes user name and password out of an address, for whatever is shown or kept; other text stays as it is. */
export function stripUserinfo(url: string): string {
  // one that is no address may still hold a password
  if (!URL.canParse(url)) return url.replace(/^([a-z][a-z0-9+.-]*:[/\\]*).*@/is, '$1');
  const address = new URL(url);
  if (address.username === '' && address.password === '') return url;
  address.username = '';
  address.password = '';
  return address.href;
}

/** Takes what may be user names and passwords out of a text with addresses in it. */
export function hideUserinfo(text: string): string {
  return text.replace(/([a-z]:[/\\]{2})[^\s"]*@/gi, '$1');
}
