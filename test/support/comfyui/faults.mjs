/**
 * What the stand-in does beside what it should.
 * @typedef {object} Faults
 * @property {boolean} [oldVersion] chooses ids of prompts itself, and interrupts whichever prompt runs
 * @property {boolean} [noWebsocket]
 * @property {number} [dropAfterFrames] a websocket breaks off after so many frames
 * @property {boolean} [slowStep] each step of a sampler waits until it is released
 * @property {string} [holdNode] the class of the nodes that wait until they are released
 * @property {string} [failNode] the class of the nodes that fail
 * @property {string} [failWith] and what they say
 * @property {object} [refuse] what every prompt is refused with, such as `{error, node_errors}`
 * @property {boolean} [dropsAnswer] takes prompts, and breaks the connection off instead of answering
 * @property {(route: string) => unknown} [before] what happens before a request is answered, of one such as `GET /queue`
 * @property {boolean} [neverAnswers] takes prompts, and says nothing
 * @property {string[]} [holds] beginnings of paths whose requests wait until these faults are changed
 * @property {boolean} [forgets] the history is empty
 * @property {Record<string, Oddity>} [answers] by the beginning of a path
 *
 * @typedef {'error500' | 'error413' | 'hang' | 'garbage' | 'huge' | 'redirect' | 'cutOff' | 'stall' | 'drip'} Oddity
 */

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Oddity} oddity
 * @param {string} elsewhere where it redirects to
 */
export function answerOddly(response, oddity, elsewhere) {
  const type = { 'Content-Type': 'application/json' }
  if (oddity === 'hang') return
  if (oddity === 'error500') return void response.writeHead(500).end('500: Internal Server Error')
  if (oddity === 'error413') return void response.writeHead(413).end('413: Request Entity Too Large')
  if (oddity === 'garbage') return void response.writeHead(200, type).end('{"a": ]\u0007')
  if (oddity === 'redirect') return void response.writeHead(302, { Location: elsewhere }).end()
  if (oddity === 'cutOff') {
    response.writeHead(200, { ...type, 'Content-Length': 1000 }).write('{"queue_running":')
    return void setImmediate(() => response.destroy())
  }
  if (oddity === 'stall') return void response.writeHead(200, type).write('{"queue_running":')
  response.writeHead(200, type)
  if (oddity === 'drip') {
    const drops = setInterval(() => response.write(' '), 20)
    return void response.on('close', () => clearInterval(drops))
  }
  const more = () => {
    while (!response.destroyed && response.write('[0,'.repeat(64 * 1024)));
  }
  response.on('drain', more)
  more()
}
