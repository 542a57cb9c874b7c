import { expect, test } from 'vitest'
import { deviceName } from '~/app/trpc/device-name'

const from = (userAgent: string) => ({ address: '192.0.2.1', userAgent })

test.each([
  ['ana’s laptop', 'ana’s laptop'],
  ['  ana’s\r\n\tlaptop ', 'ana’s laptop'],
  ['a\u0000b\u001b[31mc\u009bd\u007f', 'ab[31mcd'],
  ['safe\u202eexe.cod\u2066\u200b\u200d\ufeff', 'safeexe.cod'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['x'.repeat(10_240), 'x'.repeat(60)],
  ['\ud83d', 'runcomfy'],
  ['\u202e \u200b', 'runcomfy'],
])('%j reads as %j', (given, read) => {
  expect(deviceName(given, from(''), 'runcomfy')).toBe(read)
})

test('a name is not cut in the middle of a character', () => {
  expect(deviceName('💻'.repeat(100), from(''), 'runcomfy')).toBe('💻'.repeat(60))
})

test.each([
  ['runcomfy-cli/0.3.1', 'runcomfy-cli/0.3.1'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['openid-client/v6.8.1 (https://github.com/panva)', 'openid-client'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox on Linux'],
  ['\u009b31m\u00ad', '31m'],
  ['', 'runcomfy'],
])('a program without a name is known by its User-Agent: %j', (userAgent, read) => {
  expect(deviceName('', from(userAgent), 'runcomfy')).toBe(read)
})
