import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import "uplot/dist/uPlot.min.css";
import "./style.css";

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
