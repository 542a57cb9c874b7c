import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Course, sampled, secondsLeft, speedOf } from '~/filebrowser/downloads/speed'

test('the speed is that of the last five seconds, whatever came before', () => {
  let course: Course = []
  for (let second = 0; second <= 20; second++) course = sampled(course, second * 1000, second * 1_000_000)
  for (let second = 21; second <= 30; second++)
    course = sampled(course, second * 1000, 20_000_000 + (second - 20) * 100)
  expect(speedOf(course, 30_000, 20_001_000)).toBe(100)
})

test('where nothing comes any more there is no speed, and nobody can say how long it takes', () => {
  const course = sampled(sampled([], 0, 0), 1000, 5000)
  expect(speedOf(course, 1000, 5000)).toBe(5000)
  expect(speedOf(course, 7000, 5000)).toBeNull()
  expect(speedOf([], 0, 0)).toBeNull()
  expect(secondsLeft(10_000, 5000, null)).toBeNull()
  expect(secondsLeft(null, 5000, 100)).toBeNull()
  expect(secondsLeft(10_000, 5000, 3000)).toBe(2)
})

test('a new beginning forgets the old speed', () => {
  const course = sampled(sampled(sampled([], 0, 0), 1000, 5000), 2000, 0)
  expect(course).toEqual([{ at: 2000, received: 0 }])
})

test('however often it is told, the course stays short and no speed is negative', () => {
  const steps = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: -50, max: 1000 })), { maxLength: 300 })
  fc.assert(
    fc.property(steps, (taken) => {
      let [course, at, received]: [Course, number, number] = [[], 0, 0]
      for (const [ms, bytes] of taken) {
        at += ms
        received = Math.max(0, received + bytes)
        course = sampled(course, at, received)
        expect(course.length).toBeLessThanOrEqual(23)
        expect(speedOf(course, at, received) ?? 1).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})
