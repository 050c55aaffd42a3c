import { render } from "preact";
import { App } from "./app";
import { servicesOf } from "./services";
import "./styles/tokens.css";
import "./styles/base.css";

const root = document.getElementById("app");
if (root) render(<App services={servicesOf(window)} />, root);
