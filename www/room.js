/** What surrounds the hits: filters, timeline, portrait, the open post, help. It is a script of its own, loaded once the first hits
 *  are on their way, and takes the modules that it shares with app.js from there (build.mjs). */

import { FacetList } from './view/facets.js';
import { helpView } from './view/help.js';
import { portraitView } from './view/portrait.js';
import { postGone, postView } from './view/post.js';
import { TimelineView } from './view/timeline.js';

const room = { FacetList, TimelineView, helpView, portraitView, postGone, postView };

/** @typedef {typeof room} Room */

const give = () => fondsShard('room', room);

// In the single-file form this script stands before the bootstrap.
if (typeof fondsShard === 'undefined') addEventListener('DOMContentLoaded', give);
else give();
