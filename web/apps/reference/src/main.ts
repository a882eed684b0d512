import { rememberedLanguage, speak } from "@huying/ui/text.ts";
import { createApp } from "vue";
import ReferencePage from "./ReferencePage.vue";
import "swagger-ui-dist/swagger-ui.css";
import "./look.css";

await speak(rememberedLanguage());
createApp(ReferencePage).mount("#reference");
