import type { Component } from 'svelte'

export interface MenuItem {
  label: string
  icon: Component<{ size?: number | string; strokeWidth?: number | string }>
  onselect: () => void
  isDanger?: boolean
}
