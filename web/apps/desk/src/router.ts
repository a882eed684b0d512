import { createRouter, createWebHistory } from "vue-router";
import QueuePage from "./pages/QueuePage.vue";
import SignInPage from "./pages/SignInPage.vue";

// Pages with a map are loaded when they are opened: the map is the heaviest part.
export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: "/", name: "queue", component: QueuePage, meta: { title: "queue-title" } },
    { path: "/sign-in", name: "sign-in", component: SignInPage, meta: { title: "sign-in", open: true } },
    { path: "/cases/:id", name: "case", component: () => import("./pages/CasePage.vue"), meta: { title: "place-queue" } },
    { path: "/report", name: "report", component: () => import("./pages/ReportPage.vue"), meta: { title: "report-title" } },
    { path: "/search", name: "search", component: () => import("./pages/SearchPage.vue"), meta: { title: "search" } },
    { path: "/areas/:code?", name: "areas", component: () => import("./pages/AreasPage.vue"), meta: { title: "areas-title" } },
    { path: "/notices", name: "notices", component: () => import("./pages/NoticesPage.vue"), meta: { title: "notices-title" } },
    { path: "/me/contact", name: "contact", component: () => import("./pages/ContactPage.vue"), meta: { title: "contact-title" } },
    { path: "/deliveries", name: "deliveries", component: () => import("./pages/DeliveriesPage.vue"), meta: { title: "deliveries-title" } },
    { path: "/clients", name: "clients", component: () => import("./pages/ClientsPage.vue"), meta: { title: "clients-title" } },
    { path: "/residents/sign-in", name: "resident-sign-in", component: () => import("./pages/ResidentSignInPage.vue"), meta: { title: "resident-sign-in-title", open: true } },
    { path: "/mine", name: "mine", component: () => import("./pages/MinePage.vue"), meta: { title: "mine-title" } },
    { path: "/me/second-factor", name: "second-factor", component: () => import("./pages/SecondFactorPage.vue"), meta: { title: "factor-title" } },
    { path: "/activation", name: "activation", component: () => import("./pages/ActivationPage.vue"), meta: { title: "activation-title", open: true } },
    { path: "/me", name: "me", component: () => import("./pages/MePage.vue"), meta: { title: "me-title" } },
    { path: "/me/password", name: "password", component: () => import("./pages/PasswordPage.vue"), meta: { title: "password-title" } },
    { path: "/accounts", name: "accounts", component: () => import("./pages/AccountsPage.vue"), meta: { title: "accounts-title" } },
    { path: "/accounts/:id", name: "account", component: () => import("./pages/AccountPage.vue"), meta: { title: "accounts-title" } },
    { path: "/audit/:list?", name: "audit", component: () => import("./pages/AuditPage.vue"), meta: { title: "audit-title" } },
    { path: "/:rest(.*)*", name: "nowhere", component: () => import("./pages/NowherePage.vue"), meta: { title: "not-found-page" } },
  ],
});
