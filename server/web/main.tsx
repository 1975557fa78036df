/** The page: talks to teams and answers their questions, over the public HTTP contract alone. */
import './style/base.css';
import './style/controls.css';
import './style/frame.css';
import './style/start.css';
import './style/talk.css';
import './style/work.css';
import './style/answer.css';
import './style/chart.css';
import './style/drawing.css';
import './style/steps.css';
import { render } from 'preact';
import { App } from './app.tsx';

const place = document.getElementById('page');
if (place) render(<App />, place);
