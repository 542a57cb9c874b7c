/** Tokens of issuers and of Slipway, and the parameters that Civitai takes its keys in. */
const SECRET = /\b(?:hf_[0-9A-Za-z]{20}|slipway_(?:api|cli)_)|[?&](?:token|api_?key|key)=/i

/** Whether somebody has put a token into the address of a file, where others would read it. */
export const holdsToken = (address: string): boolean => SECRET.test(address)
