export { isWithin, type TimeWindow, type Weekday } from './time-window.ts';
