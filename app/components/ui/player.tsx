interface PlayerProps {
  type: 'video' | 'audio'
  url: string
  label: string
}

/** Plays a video or a sound that nobody has written captions for. */
export function Player({ type, url, label }: PlayerProps) {
  const shared = { controls: true, preload: 'metadata', src: url, 'aria-label': label }
  if (type === 'audio') return <audio {...shared} className="w-full" />
  return <video {...shared} className="max-h-128 max-w-full rounded-md" />
}
