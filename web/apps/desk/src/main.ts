import { startTicking } from "@huying/ui/now.ts";
import { rememberedLanguage, speak } from "@huying/ui/text.ts";
import { VueQueryPlugin } from "@tanstack/vue-query";
import { createApp } from "vue";
import App from "./App.vue";
import { queryClient } from "./data/query.ts";
import { router } from "./router.ts";
import "./look.css";

await speak(rememberedLanguage());
startTicking();
createApp(App).use(router).use(VueQueryPlugin, { queryClient }).mount("#app");
