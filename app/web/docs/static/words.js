// Swagger UI speaks English only: its fixed words in Chinese, put in place as they appear.

const WORDS = {
  "- Website": "（网站）",
  "Additional properties": "其他字段",
  "All of": "同时满足",
  "Any of": "满足其一",
  "API requires the following scopes. Select which ones you want to grant to Swagger UI.": "请选择要授予的权限范围。",
  "Add Item": "增加一项",
  "Application:": "应用：",
  Authorize: "登录授权",
  Authorized: "已授权",
  "Authorization header": "请求头 Authorization",
  "Available authorizations": "可用的登录方式",
  CORS: "浏览器的跨域限制",
  Callbacks: "回调",
  Cancel: "取消",
  Clear: "清空结果",
  "Available values": "可选值",
  "Click to set this value": "点此填入",
  "Client credentials location:": "客户端凭据位置：",
  Close: "关闭",
  Code: "状态码",
  "Collapse all": "全部收起",
  "Collapse operation": "收起",
  Contact: "联系",
  "Controls": "决定请求头",
  "Copied!": "已复制",
  "Copy cURL command to clipboard": "复制 Curl 命令",
  "Copy code to clipboard": "复制内容",
  "Copy path to clipboard": "复制路径",
  "Copy to clipboard": "复制",
  Curl: "等效的 Curl 命令",
  Default: "默认",
  "Default value": "默认值",
  Deprecated: "已停用",
  Description: "说明",
  Details: "详情",
  Download: "下载",
  "Download file": "下载文件",
  "Edit Value": "编辑",
  Error: "出错",
  Errors: "出错",
  Example: "示例",
  "Example Description": "示例说明",
  "Example Value": "示例",
  Examples: "示例",
  "Examples:": "示例：",
  Execute: "执行",
  "Expand all": "全部展开",
  "Expand operation": "展开",
  "Failed to fetch.": "没有连上服务器。",
  "Failed to load API definition.": "接口说明没有取到。",
  "Filter by tag": "按任务、名称或路径筛选",
  "Find more details": "更多说明",
  "Flow:": "方式：",
  "header.": "的值。",
  Headers: "响应头",
  "Headers:": "响应头：",
  Hide: "收起",
  "In:": "位置：",
  Items: "各项",
  License: "许可",
  Links: "关联",
  Loading: "正在加载",
  Logout: "退出",
  "Media Type": "内容类型",
  "Media type": "内容类型",
  Name: "名称",
  "Name:": "名称：",
  "Network Failure": "网络中断",
  "No callbacks": "没有回调",
  "No links": "没有关联",
  "No operations defined in spec!": "这里没有可办的事项。",
  "No parameters": "没有参数",
  "No response from server": "服务器没有回答",
  Not: "不能是",
  "One of": "其中之一",
  "Parameter content type": "参数的内容类型",
  Parameters: "参数",
  "Password:": "密码：",
  "Please correct the following validation errors and try again.": "请改正下列各项后再试。",
  "Possible Reasons:": "可能的原因：",
  "Remove authorization": "取消授权",
  "Apply credentials": "使用这些凭据",
  "Apply given OAuth2 credentials": "使用这些凭据登录",
  "Request content type": "请求的内容类型",
  "Request URL": "请求地址",
  "Request body": "请求体",
  "Request duration": "耗时",
  Required: "必填",
  "Required field is not provided": "必填项没有填写",
  Reset: "恢复示例",
  "Response body": "响应内容",
  "Response content type": "响应的内容类型",
  "Response headers": "响应头",
  Responses: "响应",
  Schema: "结构",
  Schemas: "数据结构",
  Scopes: "权限范围",
  "Scopes:": "权限范围：",
  "Scopes are used to grant an application different levels of access to data on behalf of the end user. Each API may declare one or more scopes.":
    "权限范围限定一个系统能查看和办理什么。",
  "Send email to": "发邮件给",
  "Send empty value": "发送空值",
  "Server response": "服务器的回答",
  Servers: "服务器",
  Show: "展开",
  "Skip to operations": "跳到事项列表",
  "Terms of service": "服务条款",
  "Token URL:": "令牌地址：",
  "Try it out": "试一试",
  Type: "类型",
  'URL scheme must be "http" or "https" for CORS request.': "网址的协议不对",
  Undocumented: "未在说明中列出",
  "Unrecognized response type; displaying content as text.": "内容类型未知，按文字显示。",
  "Unrecognized response type; unable to display.": "内容类型未知，无法显示。",
  "Username:": "账号：",
  Value: "值",
  "Value:": "值：",
  "Value must be a boolean": "须为 true 或 false",
  "Value must be a number": "须为数字",
  "Value must be a string": "须为文字",
  "Value must be an integer": "须为整数",
  "Value must be a DateTime": "须为日期时间",
  "Value must be a Guid": "须为 UUID",
  "Value must follow pattern": "格式不对",
  Warning: "注意",
  "Warning: Deprecated": "注意：已停用",
  Webhooks: "推送通知（Webhook）",
  Website: "网站",
  "authorization button locked": "已登录，点此查看授权",
  "authorization button unlocked": "未登录，点此授权",
  "client_id:": "客户端编号：",
  "client_secret:": "客户端密钥：",
  "deprecated": "已停用",
  "password:": "密码：",
  required: "必填",
  "select all": "全选",
  "select none": "全不选",
  "username:": "账号：",
};
const PATTERNS = [
  [/^For '(.+)': (.+?)\.?$/, (_, field, text) => `“${field}”：${WORDS[text] ?? text}。`],
  [/^Value must be (?:less|more|greater) than (?:or equal to )?(.+)$/, (_, bound) => `超出范围：${bound}`],
  [/^Could not render .+$/, () => "这一部分无法显示。"],
  [/^Error: .*$/, () => "没有办成，原因见响应内容。"],
];
const ATTRIBUTES = ["placeholder", "title", "aria-label"];
const FIELDS = "input, select, textarea";
/** What the contract or a person wrote stays as it is. */
const THEIRS = ".renderedMarkdown, .markdown, pre, code, textarea, .opblock-summary-path, .opblock-summary-description";
/** Markdown that Swagger UI itself wrote: labels of parameters, and why there was no answer. */
const SWAGGERS = ".parameters i, .live-responses-table .renderedMarkdown";

function chinese(text) {
  const bare = text.trim().replace(/\s+/g, " ");
  if (!bare) return null;
  const word = Object.hasOwn(WORDS, bare) ? WORDS[bare] : null;
  if (word !== null) return word;
  const fit = PATTERNS.find(([pattern]) => pattern.test(bare));
  return fit ? bare.replace(...fit) : null;
}

function put(node) {
  const around = node.parentElement;
  if (!around || (around.closest(THEIRS) && !around.closest(SWAGGERS))) return;
  const text = chinese(node.data);
  if (text !== null && text !== node.data) node.data = text;
}

/** Words that are read aloud, and a name for each field: Swagger UI gives its fields none. */
function label(element) {
  for (const attribute of ATTRIBUTES) {
    const text = chinese(element.getAttribute(attribute) ?? "");
    if (text !== null) element.setAttribute(attribute, text);
  }
  if (!element.matches(FIELDS) || element.labels?.length || element.hasAttribute("aria-label")) return;
  const row = element.closest("[data-param-name]");
  const name = row?.dataset.paramName ?? element.placeholder ?? "";
  const kind = element.matches("textarea") ? "请求体" : element.matches(".content-type") ? "内容类型" : "";
  const text = name || kind || (element.closest(".examples-select") ? "示例" : "");
  if (text) element.setAttribute("aria-label", text);
}

function sweep(node) {
  if (node.nodeType === Node.TEXT_NODE) return put(node);
  if (node.nodeType !== Node.ELEMENT_NODE) return undefined;
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let at = walker.currentNode; at; at = walker.nextNode()) {
    if (at.nodeType === Node.TEXT_NODE) put(at);
    else label(at);
  }
  return undefined;
}

/** Translate what stands under `place`, and whatever comes to stand there. */
export function translate(place) {
  sweep(place);
  const observer = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(sweep);
      else if (type === "characterData") put(target);
      else label(target);
    }
  });
  const what = { childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES, subtree: true };
  observer.observe(place, what);
}
