export function Brand() {
  return (
    <span className="inline-flex items-center gap-2 text-base font-semibold">
      <img src="/favicon.svg" alt="" className="size-6" />
      Slipway
    </span>
  )
}
