/** `dropgate.js`: our client script with Dropzone inside. */
import Dropzone from 'dropzone'
import { boot } from './boot.ts'

boot(Dropzone)
