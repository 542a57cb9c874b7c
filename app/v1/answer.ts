import { jsonAnswer, jsonRefusal, wrongMethod } from '../json-answer'

/** Answers a GET of a program with what procedures say, or why they refuse. */
export async function answerGet(request: Request, body: () => Promise<object>): Promise<Response> {
  if (!['GET', 'HEAD'].includes(request.method)) return wrongMethod('GET')
  return answer(body)
}

export async function answer(body: () => Promise<object>): Promise<Response> {
  try {
    return jsonAnswer(await body())
  } catch (error) {
    return jsonRefusal(error)
  }
}
