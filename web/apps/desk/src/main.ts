import { rememberedLanguage, speak } from "@huying/ui/text.ts";
import { createApp } from "vue";
import App from "./App.vue";
import "./look.css";

await speak(rememberedLanguage());
createApp(App).mount("#app");
